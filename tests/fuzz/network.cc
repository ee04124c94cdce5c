#include "tests/fuzz/network.h"

#include "tests/must.h"

namespace chibo::fuzz {

SmallNetwork::SmallNetwork() {
  province = SimNode::Found("Tỉnh thử", random, now);
  const UnitId unit = province->AddUnit("cb01", pb::GRASSROOTS_CELL, now);
  test::FaultVfs disk;
  const auto on_disk =
      SimNode::Join(*province, unit, pb::SECRETARY, random, now, {kStorePath, disk.name()});
  on_disk->Record({R"({"records":[
        {"member":{"person":"@new","name":"Nguyễn Văn An","birth":19800201,"admitted":20050301,"official":20060301}},
        {"member":{"person":"@new","name":"Phạm Thị Bình","birth":19850610,"admitted":20100519,"official":20110519}}]})"},
                  now);
  on_disk->Record(
      {R"({"records":[{"leave":{"person":"@person:Nguyễn Văn An|19800201","kind":"SICK","from":20190201}}],"labels":["nghi"]})"},
      now);
  CHECK(SyncOnce(*on_disk, *province, now).child.has_value());
  // Its device asks again for what it has: the same answer each time.
  const std::string text = Must(MakeInvite(province->replica(), unit, pb::SECRETARY, "", now));
  request = MakeRequest(Must(ReadInvite(text)), on_disk->device(), nullptr, "máy");
  grant = Must(Approve(province->replica(), province->officer(), {request}, now)).front();
  Must(TakeGrant(on_disk->replica(), grant, now));
  on_disk->Stop();
  store = disk.Copy();
  static test::FaultVfs kept;
  kept.Put(store);
  cell = on_disk->CopyAt({kStorePath, kept.name()}, random);
  cell->Start(true);
}

SmallNetwork& TheNetwork() {
  static SmallNetwork network;
  return network;
}

}  // namespace chibo::fuzz
