"""Webhooks: a consumer of the public streams that posts each event to an endpoint, signed by Standard Webhooks.

Not a stage of the pipeline: each endpoint is a registered consumer group, so its lag, replay and dead events are those
of any other consumer (`rarewire consumers`).
"""
