#include "service/config/config.hpp"
