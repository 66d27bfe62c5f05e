"""The conformance kit: runs any consumer, in whatever language, against all that the streams may bring.

It says what the consumer did wrong; `docs/events/README.md` is the contract that it checks.
"""
