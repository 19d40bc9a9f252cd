"""Writes Fixtures/losses.json: what sentence-transformers' own losses and torch's autograd say about seeded embeddings.

Usage: python3 make_fixtures.py      (sentence-transformers 6.2.0, torch 2.13.0, CPU)

Each loss runs as it stands, through forward(), on a model that hands out given tensors. Inputs are float32 values; the reference
computes in float64 from them, so that a difference is ours. What float32 does to the reference itself is printed: it names the
tolerance. Inputs and labels are stored once and named by the cases.
"""
import json, math, os
import numpy as np, torch
from sentence_transformers.sentence_transformer import losses as L
from sentence_transformers.sentence_transformer.losses.batch_hard_triplet import BatchHardTripletLossDistanceFunction as Batch
from sentence_transformers.sentence_transformer.losses.triplet import TripletDistanceMetric as Metric

here = os.path.dirname(os.path.abspath(__file__))
rng = np.random.default_rng(42)
DIM = 8


class Given(torch.nn.Module):
    """Embeds a column as itself."""

    def forward(self, features):
        return {"sentence_embedding": features["embedding"]}


def short(values, digits=7):
    return [float(f"{v:.{digits}g}") for v in np.asarray(values, dtype=np.float64).ravel()]


def compact(thing):
    return json.dumps(thing, separators=(",", ":")).replace(".0,", ",").replace(".0]", "]")


def f32(array):  # few digits in the file, and the same float32 on both sides
    return np.array(short(array, 5), dtype=np.float32).reshape(np.shape(array))


def unit(array):
    return array / np.linalg.norm(array, axis=-1, keepdims=True)


normal = lambda rows: rng.standard_normal((rows, DIM))
inputs, labels, cases = {}, {}, []


def add_input(name, *columns):
    inputs[name] = [f32(c) for c in columns]


# One column, labelled. Grid points have dot products without rounding, so that ties are ties in every implementation.
add_input("free12", normal(12))
add_input("unit10", unit(normal(10)))
near = unit(normal(1)) + 0.05 * normal(10)
add_input("cone10", unit(near))
grid = rng.integers(-4, 5, (5, DIM)) / 4
add_input("twins8", grid[[0, 0, 1, 2, 1, 3, 0, 4]])
add_input("same6", np.repeat(grid[:1], 6, axis=0))
add_input("zero6", np.concatenate([normal(5), np.zeros((1, DIM))]))
add_input("row1", normal(1))
labels["free12"] = {"balanced": [0, 1, 2] * 4, "uneven": [7, 7, 7, 7, 7, 7, 7, 2, 2, 5, 9, 9], "one": [3] * 12, "distinct": list(range(12))}
labels["unit10"] = {"balanced": [1, 1, 1, 1, 1, 0, 0, 0, 0, 0], "lonely": [1] * 9 + [0]}
labels["cone10"] = {"balanced": [0, 1] * 5}
labels["twins8"] = {"within": [0, 0, 1, 1, 1, 2, 0, 2], "across": [0, 1, 1, 0, 0, 1, 2, 2], "one": [3] * 8}
labels["same6"] = {"pairs": [0, 0, 1, 1, 2, 2]}
labels["zero6"] = {"pairs": [0, 1, 0, 1, 0, 1]}
labels["row1"] = {"one": [0]}
# Pairs and more.
for k in (2, 3, 4):
    add_input(f"free{k}x6", *[normal(6) for _ in range(k)])
    base = unit(normal(7))
    add_input(f"unit{k}x7", base, *[unit(base + 0.4 * normal(7)) for _ in range(k - 1)])
add_input("twins2x6", grid[[0, 1, 2, 0, 3, 4]], grid[[0, 1, 2, 0, 1, 2]])
add_input("twins3x6", grid[[0, 1, 2, 0, 3, 4]], grid[[0, 1, 2, 0, 1, 2]], grid[[1, 0, 2, 0, 3, 4]])
zero = normal(5)
zero[2] = 0
add_input("zero2x5", zero, normal(5))
add_input("zero3x5", normal(5), zero, normal(5))
add_input("row2x1", normal(1), normal(1))
add_input("row3x1", normal(1), normal(1), normal(1))
scores = {"spread": [0.1, 0.9, 0.4, 0.7, 0.2, 1.0, 0.5], "tied": [0.5, 1, 0.5, 0, 1, 0, 0.5], "equal": [0.8] * 7, "signed": [-1, 0.25, -0.5, 1, 0, 0.75, -0.25]}


def run(loss, columns, label, dtype):
    tensors = [torch.tensor(c, dtype=dtype, requires_grad=True) for c in columns]
    value = loss([{"embedding": t} for t in tensors], None if label is None else torch.tensor(label))
    value = sum(value.values()) if isinstance(value, dict) else value
    value.backward()
    return value.item(), [np.zeros(t.shape) if t.grad is None else t.grad.numpy() for t in tensors]


worst = {}


def case(loss_name, make, name, label=None, label_name=None, **options):
    loss = make(Given())
    value, gradients = run(loss, inputs[name], label, torch.float64)
    value32, gradients32 = run(loss, inputs[name], label, torch.float32)
    assert math.isfinite(value), (loss_name, name)
    # Near rows lose digits in the reference's float32, and a row of zeros has a gradient of 1e12: apart, and not the second.
    if not name.startswith("zero"):
        difference = max(np.abs(a - b).max() for a, b in zip(gradients, gradients32))
        key = loss_name + (", near and equal rows" if name.startswith(("twins", "same", "cone")) else "")
        old = worst.get(key, (0, 0))
        worst[key] = (max(old[0], abs(value - value32)), max(old[1], difference))
    record = {"loss": loss_name, **options, "input": name, "value": short([value], 9)[0], "gradients": [short(np.where(np.abs(g) < 1e6, np.round(g, 7) + 0.0, g), 8) for g in gradients]}
    if label is not None:
        record["labels"] = label
    cases.append(record)


for name in labels:
    for label_name, label in labels[name].items():
        for metric, function in (("euclidean", Batch.euclidean_distance), ("cosine", Batch.cosine_distance)):
            for kind in ("BatchAllTripletLoss", "BatchHardTripletLoss", "BatchSemiHardTripletLoss"):
                for margin in (5, 0.3):
                    if margin != 5 and (name, label_name) not in {("free12", "balanced"), ("cone10", "balanced"), ("twins8", "within"), ("twins8", "across")}:
                        continue
                    case(kind, lambda m: getattr(L, kind)(m, distance_metric=function, margin=margin), name, label, distance=metric, margin=margin)
            kind = "BatchHardSoftMarginTripletLoss"
            case(kind, lambda m: L.BatchHardSoftMarginTripletLoss(m, distance_metric=function), name, label, distance=metric)
for name in ("free3x6", "unit3x7", "twins3x6", "zero3x5", "row3x1"):
    for metric in ("euclidean", "manhattan", "cosine"):
        for margin in (5, 0.25) if name != "free3x6" else (5,):
            case("TripletLoss", lambda m: L.TripletLoss(m, distance_metric=getattr(Metric, metric.upper()), triplet_margin=margin), name, distance=metric, margin=margin)
for name in ("free2x6", "unit2x7", "free3x6", "unit3x7", "free4x6", "unit4x7", "twins2x6", "twins3x6", "zero2x5", "row2x1", "row3x1"):
    for scale in (20, 1) if name.endswith("x7") else (20,):
        case("MultipleNegativesRankingLoss", lambda m: L.MultipleNegativesRankingLoss(m, scale=scale), name, scale=scale)
for name in ("free2x6", "unit2x7", "twins2x6", "zero2x5", "row2x1"):
    rows = len(inputs[name][0])
    for label_name, label in scores.items():
        if label_name in ("spread", "signed"):
            case("CosineSimilarityLoss", lambda m: L.CosineSimilarityLoss(m), name, label[:rows])
        for scale in (20, 1) if label_name == "tied" else (20,):
            case("CoSENTLoss", lambda m: L.CoSENTLoss(m, scale=scale), name, label[:rows], scale=scale)
for name in ("free12", "unit10", "cone10", "same6", "row1", "free2x6", "unit3x7", "row2x1"):
    for weights in ((1, 1), (0, 1), (2, 0.5)):
        case("GlobalOrthogonalRegularizationLoss", lambda m: L.GlobalOrthogonalRegularizationLoss(m, mean_weight=weights[0], second_moment_weight=weights[1]), name, meanWeight=weights[0], secondMomentWeight=weights[1])

for name, (value, gradient) in sorted(worst.items()):
    print(f"{name:58} float32 against float64: value {value:.1e}, gradient {gradient:.1e}")
for record in cases:
    if record["input"] in ("same6", "row1") or record.get("labels") in ([3] * 12, list(range(12))):
        print(record["loss"], record.get("distance", ""), record.get("margin", ""), record["input"], record.get("labels"), record["value"], max(abs(v) for g in record["gradients"] for v in g))
os.makedirs(f"{here}/Fixtures", exist_ok=True)
with open(f"{here}/Fixtures/losses.json", "w") as file:
    file.write('{"dimension": %d,\n"inputs": {\n' % DIM)
    file.write(",\n".join(f'{json.dumps(k)}: {compact([short(c, 5) for c in v])}' for k, v in inputs.items()))
    file.write('},\n"cases": [\n')
    file.write(",\n".join(compact(c) for c in cases))
    file.write("]}\n")
print(len(cases), "cases,", os.path.getsize(f"{here}/Fixtures/losses.json"), "bytes")
