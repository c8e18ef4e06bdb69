"""All kinds of change that a backtest makes: those known while the signals were made, and those held out."""

from vedder_api.backtest.damages.damage import Damage
from vedder_api.backtest.damages.harmless import ColumnsAdded, FilesReformatted, OthersChanged, TablesReloaded
from vedder_api.backtest.damages.held_out_data import (
    CodesRenumbered,
    ColumnsExchanged,
    CurrencyChanged,
    DaysMissing,
    KeysIssuedAnew,
    LoadsStopped,
    NumbersAsText,
    RowsBackfilledTwice,
    TextsInCapitals,
    TimeZoneMoved,
    ViewsEmpty,
    ZerosWritten,
)
from vedder_api.backtest.damages.held_out_files import (
    DefaultsChanged,
    FiltersDropped,
    JoinKeysWrong,
    PairsCopied,
    PhrasingsAstray,
    SignedWithoutLooking,
)
from vedder_api.backtest.damages.held_out_harmless import (
    ColumnsReordered,
    FilesWritten,
    PhrasingsVetted,
    TablesBecameViews,
    TablesGrew,
)
from vedder_api.backtest.damages.of_data import (
    ColumnsRenamed,
    KeysDoubled,
    NullsSpread,
    TablesDropped,
    TablesEmptied,
    UnitsChanged,
    ValuesRespelled,
)
from vedder_api.backtest.damages.of_files import PairsRemoved, PairsSwapped, QuestionsSwapped

KNOWN: tuple[Damage, ...] = (
    ColumnsRenamed(),
    TablesDropped(),
    TablesEmptied(),
    ValuesRespelled(),
    KeysDoubled(),
    NullsSpread(),
    UnitsChanged(),
    PairsRemoved(),
    PairsSwapped(),
    QuestionsSwapped(),
    TablesReloaded(),
    ColumnsAdded(),
    FilesReformatted(),
    OthersChanged(),
)
"""What was thought of together with the signals, harmful ones first."""

HELD_OUT: tuple[Damage, ...] = (
    DaysMissing(),
    LoadsStopped(),
    RowsBackfilledTwice(),
    CodesRenumbered(),
    KeysIssuedAnew(),
    ViewsEmpty(),
    TimeZoneMoved(),
    CurrencyChanged(),
    ZerosWritten(),
    TextsInCapitals(),
    NumbersAsText(),
    ColumnsExchanged(),
    FiltersDropped(),
    SignedWithoutLooking(),
    JoinKeysWrong(),
    PairsCopied(),
    PhrasingsAstray(),
    DefaultsChanged(),
    TablesGrew(),
    ColumnsReordered(),
    TablesBecameViews(),
    PhrasingsVetted(),
    FilesWritten(),
)
"""What was written after the signals, thinking of a careless team: they are tried on what nobody had in mind."""

DAMAGES: tuple[Damage, ...] = (*KNOWN, *HELD_OUT)
