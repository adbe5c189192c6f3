"""The networks of samples/mlp and samples/cnn in PyTorch: a peer of bench/training/pictures.py."""

import argparse

import torch
from torch import nn
from torch.nn import functional

import turns


class Pictures(nn.Module):
    def __init__(self):
        super().__init__()
        self.first, self.first_norm = nn.Conv2d(1, 32, 3, padding=1, bias=False), nn.BatchNorm2d(32)
        self.second, self.second_norm = nn.Conv2d(32, 64, 3, padding=1, bias=False), nn.BatchNorm2d(64)
        self.hidden, self.dropout, self.output = nn.Linear(64 * 7 * 7, 128), nn.Dropout(0.3), nn.Linear(128, 10)

    def forward(self, x):
        edges = functional.max_pool2d(functional.relu(self.first_norm(self.first(x))), 2)
        shapes = functional.max_pool2d(functional.relu(self.second_norm(self.second(edges))), 2)
        return self.output(self.dropout(functional.relu(self.hidden(shapes.flatten(1)))))


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("network")
    parser.add_argument("--compile", action="store_true")
    parser.add_argument("--channels-last", action="store_true")
    options = parser.parse_args()
    torch.set_num_threads(2)
    turns.begin()
    torch.manual_seed(1)
    if options.network == "mlp":
        model = nn.Sequential(nn.Linear(784, 256), nn.ReLU(), nn.Linear(256, 10))
        optimizer = torch.optim.Adam(model.parameters(), lr=2e-3, eps=1e-5)
        pictures, labels, limit = torch.rand(64, 784), torch.randint(0, 10, (64,)), None
    else:
        model = Pictures()
        pictures, labels, limit = torch.rand(128, 1, 28, 28), torch.randint(0, 10, (128,)), 5.0
        if options.channels_last:
            model = model.to(memory_format=torch.channels_last)
            pictures = pictures.to(memory_format=torch.channels_last)
        optimizer = torch.optim.AdamW(model.parameters(), lr=2e-3, eps=1e-5, weight_decay=1e-4)
    forward = torch.compile(model) if options.compile else model

    def step():
        optimizer.zero_grad(set_to_none=True)
        loss = functional.cross_entropy(forward(pictures), labels)
        loss.backward()
        if limit:
            nn.utils.clip_grad_norm_(model.parameters(), limit)
        optimizer.step()
        return loss.item()

    turns.serve(options.network, step)


if __name__ == "__main__":
    main()
