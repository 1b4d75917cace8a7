#include "service/auth/auth.hpp"
