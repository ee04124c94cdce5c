#ifndef CHIBO_TESTS_ORDERS_REMEMBERED_SIGNATURES_H_
#define CHIBO_TESTS_ORDERS_REMEMBERED_SIGNATURES_H_

namespace chibo::orders {

// This program asks the library once about each key, message and signature, and remembers what it
// said: the nodes of one province all check the same ones, which would be most of a run.
void ForgetSignatures();

}  // namespace chibo::orders

#endif  // CHIBO_TESTS_ORDERS_REMEMBERED_SIGNATURES_H_
