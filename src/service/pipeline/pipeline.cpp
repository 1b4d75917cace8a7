#include "service/pipeline/pipeline.hpp"
