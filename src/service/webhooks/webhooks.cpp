#include "service/webhooks/webhooks.hpp"
