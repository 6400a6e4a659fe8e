// Activations, for passes that compute values.
#pragma once

#include "net/graph/graph.h"

namespace backdrop {

float activate(Activation activation, float x);

}  // namespace backdrop
