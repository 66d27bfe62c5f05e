"""The pure half of the webhooks: endpoints, what is posted and signed, what an answer means, when to try again."""

from workers.deliver.core.endpoints import Endpoint, EndpointError, read
from workers.deliver.core.pacing import again_in, pause, waits
from workers.deliver.core.payload import payload
from workers.deliver.core.signing import SecretError, headers, secrets_in
from workers.deliver.core.verdicts import Verdict, of_answer, of_error, wants_body

__all__ = [
    "Endpoint",
    "EndpointError",
    "SecretError",
    "Verdict",
    "again_in",
    "headers",
    "of_answer",
    "of_error",
    "pause",
    "payload",
    "read",
    "secrets_in",
    "waits",
    "wants_body",
]
