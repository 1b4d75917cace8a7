#include "custody/outbox/outbox.hpp"
