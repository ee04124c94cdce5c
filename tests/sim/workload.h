#ifndef CHIBO_TESTS_SIM_WORKLOAD_H_
#define CHIBO_TESTS_SIM_WORKLOAD_H_

#include <memory>
#include <string_view>
#include <vector>

namespace chibo::sim {

class World;

// People at work, or a kind of mishap. Both are composed freely: a workload plans events in Start
// and never looks at what the others do.
class Workload {
 public:
  virtual ~Workload() = default;
  virtual std::string_view name() const = 0;
  // While nothing goes wrong yet.
  virtual void Setup(World&) {}
  virtual void Start(World&) {}
  // When everything is at rest.
  virtual void Check(World&) {}
};

// Those that the world's options ask for.
std::vector<std::unique_ptr<Workload>> WorkloadsFor(const World& world);

}  // namespace chibo::sim

#endif  // CHIBO_TESTS_SIM_WORKLOAD_H_
