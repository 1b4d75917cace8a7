#include "casework/intake/model.hpp"
