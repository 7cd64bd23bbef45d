// delivery_sender FOLDER: delivers the outbox of the store there, says "ready", and "empty" when all is gone.
#include <iostream>

#include "rig.hpp"

namespace tessera::delivery_proof {
namespace {

void work(const std::string& folder) {
  std::mutex mutex;
  std::condition_variable changed;
  bool is_empty = false;
  Rig rig(open_store(folder), {}, [&](const http::DeliveryEvent& event) {
    if (event.kind != http::DeliveryEvent::Kind::kDepth) return;
    const std::scoped_lock lock(mutex);
    is_empty = event.depth == OutboxDepth();
    changed.notify_all();
  });
  std::cout << "ready" << std::endl;
  std::unique_lock lock(mutex);
  changed.wait(lock, [&] { return is_empty; });
  std::cout << "empty" << std::endl;
}

}  // namespace
}  // namespace tessera::delivery_proof

int main(int, char** arguments) {
  try {
    tessera::delivery_proof::work(arguments[1]);
  } catch (const std::exception& error) {
    std::cout << "failed: " << error.what() << std::endl;
    return 1;
  }
}
