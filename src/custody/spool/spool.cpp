#include "custody/spool/spool.hpp"
