#include "service/watch/watch.hpp"
