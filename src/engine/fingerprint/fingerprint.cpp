#include "engine/fingerprint/pdq.hpp"
