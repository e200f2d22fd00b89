"""Requests that no client would send: what comes back is a refusal in the vendor's shape, and never a fault of ours."""
