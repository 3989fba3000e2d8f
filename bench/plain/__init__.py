"""The papers' heads as they are written, without any of our shortcuts; the yardstick of models.py.

A module `bench/plain/<paper>.py` works on the weights of one of our models and offers
`predict(model, items) -> object` (the head's numbers for one batch of prepared items, encoder
included, masks and loops as the reference implementation has them) and, where training has a
form of its own, `loss(model, items, rng) -> Tensor` (the same value as `model.loss`).
"""
