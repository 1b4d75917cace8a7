#include "crypto/digest.hpp"
#include "crypto/seal.hpp"
#include "crypto/secret.hpp"
