#include "service/workers/workers.hpp"
