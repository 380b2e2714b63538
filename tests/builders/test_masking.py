"""A version built with masking spreads nobody's data, and says where it masked."""

import polars as pl
import pytest

from builders.explanation import explain
from builders.recipe import Quality, Repair
from tests.builders.rows import small_version

SECRETS = {
    "dni": "48213975H",
    "correo": "lucia.robledo@gmail.com",
    "teléfono": "634 258 197",
    "tarjeta": "4539 5787 6362 1486",
    "cuenta": "ES98 2038 5778 9830 0076 0236",
    "ip": "83.45.112.207",
}
