"""The networks of samples/mlp and samples/cnn in JAX: a peer of bench/training/pictures.py. A step is one function, jitted with its
state donated; pictures have channels last, which is faster here."""

import argparse

import jax
import jax.numpy as jnp
from jax import lax

import turns


def start(key, *shape):
    fan = 1
    for size in shape[:-1]:
        fan *= size
    return jax.random.uniform(key, shape, jnp.float32, -(fan**-0.5), fan**-0.5)


def dense(x, layer):
    return x @ layer["w"] + layer["b"]


def linear(key, inputs, outputs):
    return {"w": start(key, inputs, outputs), "b": jnp.zeros(outputs)}


def mlp(weights, statistics, x, key):
    return dense(jax.nn.relu(dense(x, weights["hidden"])), weights["output"]), statistics


def norm(x, layer, running):
    mean, variance = x.mean((0, 1, 2)), x.var((0, 1, 2))
    count = x.size // x.shape[-1]
    new = {"mean": 0.9 * running["mean"] + 0.1 * mean, "variance": 0.9 * running["variance"] + 0.1 * variance * count / (count - 1)}
    return (x - mean) * lax.rsqrt(variance + 1e-5) * layer["scale"] + layer["shift"], new


def convolved(x, filters):
    return lax.conv_general_dilated(x, filters, (1, 1), "SAME", dimension_numbers=("NHWC", "HWIO", "NHWC"))


def pooled(x):
    return lax.reduce_window(x, -jnp.inf, lax.max, (1, 2, 2, 1), (1, 2, 2, 1), "VALID")


def cnn(weights, statistics, x, key):
    new = {}
    for name in ("first", "second"):
        y, new[name] = norm(convolved(x, weights[name]["filters"]), weights[name], statistics[name])
        x = pooled(jax.nn.relu(y))
    hidden = jax.nn.relu(dense(x.reshape(x.shape[0], -1), weights["hidden"]))
    kept = jax.random.bernoulli(key, 0.7, hidden.shape)
    return dense(jnp.where(kept, hidden / 0.7, 0), weights["output"]), new


def make(network, keys):
    if network == "mlp":
        return mlp, {"hidden": linear(keys[0], 784, 256), "output": linear(keys[1], 256, 10)}, {}
    weights, statistics = {"hidden": linear(keys[0], 64 * 7 * 7, 128), "output": linear(keys[1], 128, 10)}, {}
    for name, key, inputs, outputs in (("first", keys[2], 1, 32), ("second", keys[3], 32, 64)):
        weights[name] = {"filters": start(key, 3, 3, inputs, outputs), "scale": jnp.ones(outputs), "shift": jnp.zeros(outputs)}
        statistics[name] = {"mean": jnp.zeros(outputs), "variance": jnp.ones(outputs)}
    return cnn, weights, statistics


def updated(state, gradient, decay, limit):
    """Adam, decoupled from the decay of weights, of a gradient whose norm is kept below a limit."""
    if limit:
        length = jnp.sqrt(sum((g * g).sum() for g in jax.tree.leaves(gradient)))
        gradient = jax.tree.map(lambda g: g * jnp.minimum(1, limit / (length + 1e-6)), gradient)
    count, rate = state["count"] + 1, 2e-3
    first = jax.tree.map(lambda m, g: 0.9 * m + 0.1 * g, state["first"], gradient)
    second = jax.tree.map(lambda v, g: 0.999 * v + 0.001 * g * g, state["second"], gradient)
    ahead, wide = 1 - 0.9**count, 1 - 0.999**count
    weights = jax.tree.map(
        lambda w, m, v: w - rate * (m / ahead / (jnp.sqrt(v / wide) + 1e-5) + decay * w), state["weights"], first, second)
    return {**state, "weights": weights, "first": first, "second": second, "count": count}


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("network")
    name = parser.parse_args().network
    jax.random.key(1).block_until_ready()
    turns.begin()
    keys = jax.random.split(jax.random.key(1), 8)
    forward, weights, statistics = make(name, keys)
    zeros = lambda: jax.tree.map(jnp.zeros_like, weights)
    state = {"weights": weights, "first": zeros(), "second": zeros(), "count": jnp.float32(0), "statistics": statistics, "key": keys[4]}
    shape, decay, limit = ((64, 784), 0.0, None) if name == "mlp" else ((128, 28, 28, 1), 1e-4, 5.0)
    pictures, labels = jax.random.uniform(keys[5], shape), jax.random.randint(keys[6], shape[:1], 0, 10)

    def loss(weights, state, pictures, labels, key):
        logits, statistics = forward(weights, state["statistics"], pictures, key)
        chosen = jnp.take_along_axis(jax.nn.log_softmax(logits), labels[:, None], 1)
        return -chosen.mean(), statistics

    def step(state, pictures, labels):
        key, drawn = jax.random.split(state["key"])
        (value, statistics), gradient = jax.value_and_grad(loss, has_aux=True)(state["weights"], state, pictures, labels, drawn)
        return {**updated(state, gradient, decay, limit), "statistics": statistics, "key": key}, value

    compiled = jax.jit(step, donate_argnums=0)

    def take():
        nonlocal state
        state, value = compiled(state, pictures, labels)
        return float(value)

    turns.serve(name, take)


if __name__ == "__main__":
    main()
