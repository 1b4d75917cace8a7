#include "watch/ledger/ledger.hpp"
