#ifndef CHIBO_TESTS_REMEMBERED_SIGNATURES_H_
#define CHIBO_TESTS_REMEMBERED_SIGNATURES_H_

namespace chibo {

// A program with this (and --wrap, see the .cc file) asks the library once about each key, message
// and signature, and remembers what it said: the nodes of one network all check the same ones, at
// each start again, which would be most of a run.
void ForgetSignatures();

}  // namespace chibo

#endif  // CHIBO_TESTS_REMEMBERED_SIGNATURES_H_
