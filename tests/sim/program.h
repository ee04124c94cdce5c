#ifndef CHIBO_TESTS_SIM_PROGRAM_H_
#define CHIBO_TESTS_SIM_PROGRAM_H_

#include <cstdint>

namespace chibo::sim {

// Whether the code that runs now is that of an older program, which does not know all kinds of
// records yet. In programs with the simulator TraitsOf is the simulator's: it answers by this.
class RunningProgram {
 public:
  explicit RunningProgram(bool older);
  RunningProgram(const RunningProgram&) = delete;
  RunningProgram& operator=(const RunningProgram&) = delete;
  ~RunningProgram();

 private:
  bool before_;
};

// Kinds that the older program does not know.
bool IsOfToday(std::uint32_t kind);

}  // namespace chibo::sim

#endif  // CHIBO_TESTS_SIM_PROGRAM_H_
