"""The contract of the streams as documents for machines: JSON Schemas, an AsyncAPI document, and what breaks them."""
