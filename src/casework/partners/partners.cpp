#include "casework/partners/partners.hpp"
