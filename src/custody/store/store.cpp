#include "custody/store/store.hpp"
#include "custody/store/migrations.hpp"
