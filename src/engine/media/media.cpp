#include "engine/media/media.hpp"
