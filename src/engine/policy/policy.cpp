#include "engine/policy/policy.hpp"
