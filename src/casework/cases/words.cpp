#include "casework/cases/appeals.hpp"
#include "casework/cases/decisions.hpp"
