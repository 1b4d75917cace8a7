#include "custody/exposure/exposure.hpp"
