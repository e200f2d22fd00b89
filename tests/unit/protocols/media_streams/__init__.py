"""The media streams' readers and the packets that are made of them."""
