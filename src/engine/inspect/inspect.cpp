#include "engine/inspect/inspect.hpp"
