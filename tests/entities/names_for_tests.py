"""A small lexicon of real names for the tests of linking, ids fixed so that tests can speak of them."""

from __future__ import annotations

from entities.compiled import Lexicon, build_lexicon
from entities.types import AliasKind, EntityKind, LexiconAlias, LexiconEntity

SMIC, HUA_HONG, FUDAN, INTEL, QUALCOMM, HUAWEI, UNIGROUP, INTRALINK, CSIA, SIA = range(1, 11)
CHINA, US, HONG_KONG, SHANGHAI, BEIJING, WASHINGTON = range(11, 17)
BIDEN, LI, ZHOU, SHENMA, APPLE, TARGET, GENERAL_MOTORS, FORD, BANK_OF_AMERICA = range(17, 26)
ALPHA_ONE, ALPHA_TWO, TENCENT, EBAY, MUSK, GOVERNMENT, TOYOTA, NESTLE, XU, WANG_ON = range(26, 36)

_ENTITIES: list[tuple[int, str, EntityKind, str, float, tuple[tuple[str, str], ...]]] = [
    (SMIC, "Semiconductor Manufacturing International Corporation", "company", "CN", 0.9,
     (("0981", "XHKG"), ("688981", "XSHG"))),
    (HUA_HONG, "Hua Hong Semiconductor", "company", "CN", 0.8, (("1347", "XHKG"),)),
    (FUDAN, "Shanghai Fudan Microelectronics", "company", "CN", 0.7, (("1385", "XHKG"),)),
    (INTEL, "Intel", "company", "US", 0.95, (("INTC", "XNAS"),)),
    (QUALCOMM, "Qualcomm", "company", "US", 0.95, (("QCOM", "XNAS"),)),
    (HUAWEI, "Huawei", "company", "CN", 0.9, ()),
    (UNIGROUP, "Tsinghua Unigroup", "company", "CN", 0.7, ()),
    (INTRALINK, "Intralink", "company", "GB", 0.5, ()),
    (CSIA, "China Semiconductor Industry Association", "organization", "CN", 0.8, ()),
    (SIA, "Semiconductor Industry Association", "organization", "US", 0.8, ()),
    (CHINA, "China", "place", "CN", 0.95, ()),
    (US, "United States", "place", "US", 0.95, ()),
    (HONG_KONG, "Hong Kong", "place", "HK", 0.9, ()),
    (SHANGHAI, "Shanghai", "place", "CN", 0.9, ()),
    (BEIJING, "Beijing", "place", "CN", 0.9, ()),
    (WASHINGTON, "Washington", "place", "US", 0.9, ()),
    (BIDEN, "Joe Biden", "person", "US", 0.9, ()),
    (LI, "Li Keqiang", "person", "CN", 0.8, ()),
    (ZHOU, "Zhou Zixue", "person", "CN", 0.6, ()),
    (SHENMA, "Shenma Industry", "company", "CN", 0.05, (("600810", "XSHG"),)),
    (APPLE, "Apple", "company", "US", 1.0, (("AAPL", "XNAS"),)),
    (TARGET, "Target", "company", "US", 0.8, (("TGT", "XNYS"),)),
    (GENERAL_MOTORS, "General Motors", "company", "US", 0.9, (("GM", "XNYS"),)),
    (FORD, "Ford Motor", "company", "US", 0.9, (("F", "XNYS"),)),
    (BANK_OF_AMERICA, "Bank of America", "company", "US", 0.95, (("BAC", "XNYS"),)),
    (ALPHA_ONE, "Zentrix Minerals", "company", "AU", 0.0, (("ZTX", "XASX"),)),
    (ALPHA_TWO, "Zentrix Software", "company", "US", 0.0, (("ZTX", "XNAS"),)),
    (TENCENT, "Tencent", "company", "CN", 0.9, (("0700", "XHKG"),)),
    (EBAY, "eBay", "company", "US", 0.9, (("EBAY", "XNAS"),)),
    (MUSK, "Elon Musk", "person", "US", 0.9, ()),
    (GOVERNMENT, "Government of the United States", "public_body", "US", 0.8, ()),
    (TOYOTA, "Toyota", "company", "JP", 0.9, (("7203", "XTKS"),)),
    (NESTLE, "Nestl\u00e9", "company", "CH", 0.9, (("NESN", "XSWX"),)),
    (XU, "Xu Zhijun", "person", "CN", 0.5, ()),
    (WANG_ON, "Wang On Group Limited", "company", "HK", 0.15, (("1222", "XHKG"),)),
]  # fmt: skip

_ALIASES: list[tuple[int, str, AliasKind, bool]] = [
    (SMIC, "SMIC", "short", False),
    (SHENMA, "SMIC", "short", True),
    (HUA_HONG, "Hua Hong Semiconductor Ltd.", "legal", False),
    (FUDAN, "Shanghai Fudan Microelectronics Group Co., Ltd.", "legal", False),
    (INTEL, "Intel Corporation", "legal", False),
    (HUAWEI, "Huawei Technologies Co., Ltd.", "legal", False),
    (HUAWEI, "\u534e\u4e3a", "native", False),
    (CSIA, "CSIA", "acronym", False),
    (US, "U.S.", "acronym", False),
    (WASHINGTON, "Washington, D.C.", "name", False),
    (GOVERNMENT, "Trump administration", "short", False),
    (APPLE, "Apple Inc.", "legal", False),
    (APPLE, "Apple", "short", True),
    (TARGET, "Target Corporation", "legal", False),
    (TARGET, "Target", "short", True),
    (FORD, "Ford", "short", True),
    (FORD, "Ford Motor Company", "legal", False),
    (BANK_OF_AMERICA, "Bank of America Corp.", "legal", False),
    (ALPHA_ONE, "Zentrix", "short", False),
    (ALPHA_TWO, "Zentrix", "short", False),
    (TENCENT, "Tencent Holdings Ltd.", "legal", False),
    (TENCENT, "\u817e\u8baf", "native", False),
    (EBAY, "eBay Inc.", "legal", False),
    (MUSK, "Musk", "short", True),
    (TOYOTA, "Toyota Motor Corp.", "legal", False),
]


def small_lexicon() -> Lexicon:
    """The lexicon above, compiled anew."""
    return build_lexicon(
        [
            LexiconEntity(
                id=pk,
                slug=name.lower().replace(" ", "-"),
                name=name,
                kind=kind,
                country=country,
                tickers=tickers,
                prominence=p,
            )
            for pk, name, kind, country, p, tickers in _ENTITIES
        ],
        [LexiconAlias(entity_id=pk, text=text, kind=kind, weak=weak) for pk, text, kind, weak in _ALIASES],
        related=[(ZHOU, SMIC), (ZHOU, CSIA), (XU, HUAWEI)],
        version=7,
    )
