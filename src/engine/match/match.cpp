#include "engine/match/match.hpp"
