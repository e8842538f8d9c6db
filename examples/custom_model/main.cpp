// Two models of your own behind one server: one that answers item by item, one
// that takes batches. Usage: example_custom_model [PORT]
#include "troupe/http/server.hpp"

#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <map>
#include <span>
#include <sstream>
#include <string>
#include <vector>

namespace {

// -- one item at a time -------------------------------------------------------

struct review {
  std::string text;
};
TROUPE_FIELDS(review, text)

struct verdict {
  int score;
  std::string label;
};
TROUPE_FIELDS(verdict, score, label)

/// Counts good and bad words.
class sentiment_model {
public:
  /// Runs once for each worker, on its thread, before the first request.
  void setup(const std::string& /*device*/) {
    words_ = {{"good", 1}, {"great", 2},  {"love", 2},
              {"bad", -1}, {"awful", -2}, {"hate", -2}};
  }

  int predict(const review& x) {
    std::istringstream in{x.text};
    int score = 0;
    for (std::string word; in >> word;)
      if (auto i = words_.find(word); i != words_.end())
        score += i->second;
    return score;
  }

  verdict encode_response(int score) {
    return {score, score > 0 ? "positive" : score < 0 ? "negative" : "neutral"};
  }

private:
  std::map<std::string, int> words_;
};

// -- a batch at a time --------------------------------------------------------

struct point {
  double x;
  double y;
};
TROUPE_FIELDS(point, x, y)

/// The distance of each point to the origin; the runtime makes the batches.
struct distance_model {
  std::vector<double> predict(std::span<const point> points) {
    std::vector<double> result;
    result.reserve(points.size());
    for (const auto& p : points)
      result.push_back(std::hypot(p.x, p.y));
    return result;
  }
};

} // namespace

int main(int argc, char** argv) try {
  troupe::server_options options;
  options.port =
    static_cast<std::uint16_t>(argc > 1 ? std::atoi(argv[1]) : 8000);
  troupe::server server{options};

  troupe::model_options sentiment;
  sentiment.name = "sentiment";
  sentiment.workers = 2;
  server.add<sentiment_model>(sentiment);

  troupe::model_options distance;
  distance.name = "distance";
  distance.predict = "/distance";
  distance.batch = {.max_size = 16, .max_delay = std::chrono::milliseconds{1}};
  server.add<distance_model>(distance);

  return server.run();
} catch (const std::exception& e) {
  std::fprintf(stderr, "%s\n", e.what());
  return 1;
}
