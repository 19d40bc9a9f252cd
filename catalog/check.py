#!/usr/bin/env python3
"""Prints the counts of the sample shop and fails if one of its rules is broken.

    python3 catalog/check.py

Standard library only. Exit status 0: all rules hold; 1: the broken rules are listed.
"""

import json
import re
import sys
from collections import Counter, defaultdict
from pathlib import Path

HERE = Path(__file__).resolve().parent
REQUIRED = ["id", "title", "description", "category", "brand", "price", "currency", "availability"]
AVAILABILITY = {"in stock", "out of stock", "preorder"}
HANGUL = re.compile("[\uac00-\ud7a3]")

errors = []


def fail(message):
    errors.append(message)


def unique_keys(pairs):
    keys = [key for key, _ in pairs]
    if len(keys) != len(set(keys)):
        raise ValueError("a key occurs twice")
    return dict(pairs)


def read_lines(name):
    """The lines of a file; the file must be UTF-8, end with a newline and have no blank line."""
    data = (HERE / name).read_bytes()
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as error:
        sys.exit(f"{name}: not UTF-8: {error}")
    if not text.endswith("\n") or "\r" in text or text.startswith("\ufeff"):
        fail(f"{name}: expected plain UTF-8 with newline endings and a final newline")
    return text.removesuffix("\n").split("\n")


def read_jsonl(name):
    objects = []
    for number, line in enumerate(read_lines(name), 1):
        if re.search(r"\\u[0-9a-fA-F]{4}", line):
            fail(f"{name}:{number}: escaped character")
        try:
            value = json.loads(line, object_pairs_hook=unique_keys)
        except ValueError as error:
            sys.exit(f"{name}:{number}: {error}")
        if not isinstance(value, dict):
            sys.exit(f"{name}:{number}: not an object")
        objects.append(value)
    return objects


def ean13_ok(code):
    if not re.fullmatch(r"[0-9]{13}", code):
        return False
    digits = [int(c) for c in code]
    total = sum(d * (3 if place % 2 else 1) for place, d in enumerate(digits[:-1]))
    return (10 - total % 10) % 10 == digits[-1]


def check_products(products):
    codes = defaultdict(list)
    for number, product in enumerate(products, 1):
        name = f"products.jsonl:{number}: {product.get('id')}"
        if list(product)[: len(REQUIRED)] != REQUIRED:
            fail(f"{name}: required fields missing or not in order")
            continue
        for key, value in product.items():
            if key == "price":
                good = isinstance(value, (int, float)) and not isinstance(value, bool)
                if not good or not 0 < value < 5000 or abs(value * 100 - round(value * 100)) > 1e-6:
                    fail(f"{name}: odd price {value!r}")
            elif isinstance(value, str):
                if value != value.strip() or "  " in value or "\n" in value or "\t" in value:
                    fail(f"{name}: stray white space in {key}")
                if not value and key != "description":
                    fail(f"{name}: empty {key}")
            elif isinstance(value, bool) or not isinstance(value, (int, float)):
                fail(f"{name}: {key} is neither text nor a number")
        if not re.fullmatch(r"[KFTH]-[0-9]{4}", product["id"]):
            fail(f"{name}: malformed id")
        if product["currency"] != "EUR":
            fail(f"{name}: currency {product['currency']!r}")
        if product["availability"] not in AVAILABILITY:
            fail(f"{name}: availability {product['availability']!r}")
        if not re.fullmatch(r"[^>]+( > [^>]+){1,2}", product["category"]):
            fail(f"{name}: category {product['category']!r}")
        for key in ("gtin", "ean"):
            if key in product:
                codes[product[key]].append(product)
                if not ean13_ok(product[key]):
                    fail(f"{name}: {key} has a wrong check digit")
    for code, holders in codes.items():
        if len({(p["brand"], p["category"]) for p in holders}) > 1:
            fail(f"code {code} on different products: {', '.join(p['id'] for p in holders)}")
    for identifier, times in Counter(p["id"] for p in products).items():
        if times > 1:
            fail(f"product id {identifier} occurs {times} times")

    paths = {p["category"] for p in products}
    for path in paths:
        if any(other.startswith(path + " > ") for other in paths):
            fail(f"category {path!r} is a leaf and a parent")
    if len({path.lower() for path in paths}) != len(paths):
        fail("the same category is spelt in two ways")
    texts = defaultdict(set)
    for product in products:
        if product["description"]:
            texts[product["description"]].add((product["title"], product["brand"], product["category"]))
    for text, holders in texts.items():
        if len(holders) > 1:
            fail(f"one description on different products: {text[:50]!r}")
    if len(products) < 600:
        fail("fewer than 600 products")
    if len(paths) < 40:
        fail("fewer than 40 categories")


def read_judgments(products, queries):
    known = {p["id"] for p in products}
    order = {q["id"]: place for place, q in enumerate(queries)}
    lines = read_lines("judgments.tsv")
    if lines[0] != "query_id\tproduct_id\trelevance":
        fail("judgments.tsv: wrong header")
    grades, keys = {}, []
    for number, line in enumerate(lines[1:], 2):
        row = line.split("\t")
        if len(row) != 3 or row[2] not in ("0", "1", "2", "3"):
            fail(f"judgments.tsv:{number}: malformed line")
            continue
        query, product, grade = row[0], row[1], int(row[2])
        if query not in order or product not in known:
            fail(f"judgments.tsv:{number}: unknown query or product")
            continue
        if (query, product) in grades:
            fail(f"judgments.tsv:{number}: {query} {product} is judged twice")
        grades[query, product] = grade
        keys.append((order[query], -grade, product))
    if keys != sorted(keys):
        fail("judgments.tsv: not sorted by query, grade descending, product id")
    return grades


def check_queries(queries, grades):
    for number, query in enumerate(queries, 1):
        if list(query) != ["id", "text", "frequency"] or not query["text"].strip():
            fail(f"queries.jsonl:{number}: expected id, text and frequency")
        elif type(query["frequency"]) is not int or query["frequency"] < 1:
            fail(f"queries.jsonl:{number}: frequency {query['frequency']!r} is no whole number from 1 on")
    for key in ("id", "text"):
        for value, times in Counter(q[key] for q in queries).items():
            if times > 1:
                fail(f"query {key} {value!r} occurs {times} times")
    per_query = defaultdict(list)
    for (query, _), grade in grades.items():
        per_query[query].append(grade)
    for query in queries:
        found = per_query[query["id"]]
        if len(found) < 10:
            fail(f"query {query['id']}: only {len(found)} judgments")
        if 3 not in found:
            fail(f"query {query['id']}: no product graded 3")
        if len(set(found)) < 3:
            fail(f"query {query['id']}: fewer than three different grades")
    if len(queries) < 60:
        fail("fewer than 60 queries")
    return per_query


def near_variants(products):
    """Products whose title shares at least 60 % of its words with another of the same brand and category."""
    groups = defaultdict(list)
    for product in products:
        words = frozenset(re.findall(r"\w+", product["title"].lower()))
        groups[product["brand"], product["category"]].append((product["id"], words))
    found = set()
    for group in groups.values():
        for place, (one, a) in enumerate(group):
            for other, b in group[place + 1 :]:
                if len(a & b) >= 0.6 * len(a | b):
                    found |= {one, other}
    return found


def main():
    products = read_jsonl("products.jsonl")
    queries = read_jsonl("queries.jsonl")
    check_products(products)
    grades = read_judgments(products, queries)
    per_query = check_queries(queries, grades)

    listed = Counter((p["title"], p["brand"], p["category"], p["description"]) for p in products)
    twice = [times for times in listed.values() if times > 1]
    prefixes = Counter(re.match("[a-z]+", q["id"])[0] for q in queries)
    sizes = sorted(len(v) for v in per_query.values())
    spread = Counter(grades.values())
    stock = Counter(p["availability"] for p in products)
    print("products            ", len(products))
    print("  top-level         ", len({p["category"].split(" > ")[0] for p in products}))
    print("  leaf categories   ", len({p["category"] for p in products}))
    print("  brands            ", len({p["brand"] for p in products}))
    print("  Korean title      ", sum(bool(HANGUL.search(p["title"])) for p in products))
    print("  no description    ", sum(not p["description"] for p in products))
    print("  same text, other id", f"{sum(twice)} in {len(twice)} groups")
    print("  near-same title   ", len(near_variants(products)))
    print("  availability      ", ", ".join(f"{k} {stock[k]}" for k in sorted(AVAILABILITY)))
    print("queries             ", len(queries), dict(prefixes))
    print("  with Korean       ", sum(bool(HANGUL.search(q["text"])) for q in queries))
    print("judgments           ", len(grades))
    print("  grades            ", ", ".join(f"{g}: {spread[g]}" for g in (3, 2, 1, 0)))
    if sizes:
        print("  per query         ", f"{sizes[0]} to {sizes[-1]}, median {sizes[len(sizes) // 2]}")
    for message in errors[:50]:
        print("BROKEN:", message)
    if len(errors) > 50:
        print(f"... and {len(errors) - 50} more")
    if errors:
        sys.exit(1)
    print("all rules hold")


if __name__ == "__main__":
    main()
