"""callvault: one self-hosted archive for call recordings that speaks every vendor's recording API.

The house has five floors, and arrows point down: street (``cli``, ``server``), doors (``dialects``, ``webhooks``,
``capture``), hall (``vault``), rooms (``catalogue``, ``media``), ground (``protocols``, ``audio``, ``wire``,
``model``, ``errors``).  ``docs/architecture.md`` draws it; ``tests/house`` enforces it.
"""

__version__ = "0.1.0"
