#ifndef CHIBO_TESTS_DOMAIN_RANDOM_PROVINCE_H_
#define CHIBO_TESTS_DOMAIN_RANDOM_PROVINCE_H_

#include <map>
#include <vector>

#include "tests/domain/network_fixture.h"

namespace chibo {

// A province in which officers and thieves do things at random: certify, revoke, move, copy, adopt,
// rule, fork. With `papers`, so many papers about a few people besides, of cells and committees.
class RandomProvince {
 public:
  explicit RandomProvince(std::uint64_t seed, std::uint64_t papers = 0);

  TestNetwork& network() { return province.network; }

 private:
  template <typename T>
  const T& One(const std::vector<T>& all) {
    return all[random_.Below(all.size())];
  }
  TestStream& AnyStream();
  std::uint32_t AnyBranch(const TestStream& stream);
  pb::Point AnyPoint(const TestStream& stream);
  std::vector<pb::Point> AnyPoints(std::size_t count);
  // They may name what the record names, and each other's streams at other points. Most are said.
  std::vector<pb::Record> AnyLists();
  void Say(const pb::Record& record);
  void Act();
  void Move(const Holder& officer);
  void Fork();
  pb::Subject Somebody();
  pb::Record Paper();
  void Write();

  SeededRandom random_;
  std::vector<Holder> officers_, devices_;
  std::vector<UnitId> units_;
  std::vector<PersonId> persons_;
  std::map<UnitId, Hash> moves_;

 public:
  TestProvince province;
};

}  // namespace chibo

#endif  // CHIBO_TESTS_DOMAIN_RANDOM_PROVINCE_H_
