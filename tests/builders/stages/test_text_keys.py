import polars as pl

from builders.stages.text_keys import keys_64, keys_128

TEXTS = pl.Series(["", "a", "ñandú"])


def test_keys_are_those_of_xxh3_on_every_machine():
    assert keys_64(TEXTS).tolist() == [0x2D06800538D394C2, 0xE6C632B61E964E1F, keys_64(TEXTS[2:])[0]]
    assert keys_128(TEXTS)[0].tolist() == [0x99AA06D3014798D8, 0x6001C324468D497F]


def test_unlike_texts_have_unlike_keys():
    texts = pl.Series([f"texto {number}" for number in range(1000)])

    assert len(set(keys_64(texts).tolist())) == 1000
    assert len(set(map(tuple, keys_128(texts).tolist()))) == 1000
