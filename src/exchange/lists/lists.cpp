#include "exchange/lists/lists.hpp"
