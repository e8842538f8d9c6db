// Models that do not compile, each behind what the compiler says of it. Run by
// refused_models_test.py, which serves the first class of each part.

// refused: authorize is one public function
struct overloaded_authorize {
  bool authorize(const troupe::request&);
  bool authorize(const troupe::request&, troupe::context&);
  int predict(int x);
};

// refused: authorize is one public function
struct template_authorize {
  template <class T>
  bool authorize(const T&);
  int predict(int x);
};

// refused: authorize is one public function
class private_authorize {
  bool authorize(const troupe::request&);

public:
  int predict(int x);
};

// refused: authorize is one public function
struct authorize_that_returns_a_status {
  int authorize(const troupe::request&);
  int predict(int x);
};

// refused: authorize is one public function
struct authorize_of_a_text {
  bool authorize(const std::string& token);
  int predict(int x);
};

// refused: authorize is one public function
struct authorize_beside_steps {
  bool authorize();
  int admit(int x);
  void step(std::span<troupe::sequence<int, int>> live);
};

// refused: decode_request is one public function
struct overloaded_decode {
  int decode_request(const nlohmann::json& x);
  int decode_request(const troupe::request& x);
  int predict(int x);
};

// refused: decode_request is one public function
struct decode_of_another_item {
  std::string decode_request(const nlohmann::json& x);
  int predict(int x);
};

// refused: encode_response is one public function
struct template_encode {
  int predict(int x);
  template <class T>
  nlohmann::json encode_response(const T& x);
};

// refused: encode_response is one public function
struct encode_of_a_whole_batch {
  std::vector<double> predict(std::span<const double> xs);
  nlohmann::json encode_response(const std::vector<double>& ys);
};

// refused: what the model makes must become JSON
struct no_json {
  struct out {};
  out predict(int x);
};

// refused: setup is public and takes nothing
struct setup_of_a_number {
  void setup(int device);
  int predict(int x);
};

// refused: warmup is public and takes nothing
struct warmup_of_an_item {
  void warmup(int x);
  int predict(int x);
};

// refused: health is public, takes nothing
struct health_of_nothing {
  void health();
  int predict(int x);
};

// refused: capacity is public, takes nothing
struct private_capacity {
  int admit(int x);
  void step(std::span<troupe::sequence<int, int>> live);

private:
  std::size_t capacity() const;
};

// refused: capacity is public, takes nothing
struct capacity_of_one_at_a_time {
  std::size_t capacity() const;
  int predict(int x);
};

// refused: pure is a public constant
struct pure_by_chance {
  bool pure = true;
  std::vector<int> predict(std::span<const int> xs);
};

// refused: batch needs a predict
struct batch_beside_steps {
  int batch(std::span<const int> xs);
  int admit(int x);
  void step(std::span<troupe::sequence<int, int>> live);
};

// refused: batch is one public function
struct batch_of_one {
  int batch(int x);
  int predict(int x);
};

// refused: unbatch needs a batched predict
struct unbatch_beside_steps {
  std::vector<int> unbatch(int x);
  int admit(int x);
  void step(std::span<troupe::sequence<int, int>> live);
};

// refused: unbatch needs a batched predict
struct overloaded_unbatch {
  int batch(std::span<const int> xs);
  int predict(int x);
  std::vector<int> unbatch(int x);
  std::vector<int> unbatch(double x);
};

// refused: batch_key needs a batched predict
struct batch_key_beside_steps {
  int batch_key(int x);
  int admit(int x);
  void step(std::span<troupe::sequence<int, int>> live);
};

// refused: batch_key needs a batched predict
struct batch_key_of_nothing {
  std::vector<int> predict(std::span<const int> xs);
  void batch_key(int x);
};

// refused: a model needs one predict
struct no_predict {
  int answer(int x);
};

// refused: predict is one public function
struct overloaded_predict {
  int predict(int x);
  double predict(double x);
};

// refused: predict takes an item
struct predict_of_nothing {
  int predict();
};

// refused: predict takes one item and may take a context
struct predict_of_two {
  int predict(int x, int y);
};

// refused: predict returns what it made
struct predict_without_a_result {
  void predict(int x);
};

// refused: a batched predict takes its items
struct batch_with_one_context {
  std::vector<int> predict(std::span<const int> xs, troupe::context& ctx);
};

// refused: a batched predict returns one output for each item
struct batch_with_one_output {
  int predict(std::span<const int> xs);
};

// refused: a batch is a span of constant items
struct span_of_variables {
  std::vector<int> predict(std::span<int> xs);
};

// refused: a batch streams into one stream for each member
struct batch_with_one_stream {
  void predict(std::span<const int> xs, troupe::stream<int>& out);
};

// refused: a model has either predict or admit and step
struct predict_beside_steps {
  int predict(int x);
  int admit(int x);
  void step(std::span<troupe::sequence<int, int>> live);
};

// refused: continuous batching needs both
struct admit_alone {
  int admit(int x);
};

// refused: admit is one public function
struct overloaded_admit {
  int admit(int x);
  int admit(double x);
  void step(std::span<troupe::sequence<int, int>> live);
};

// refused: step is one public function
struct step_of_a_vector {
  int admit(int x);
  void step(std::vector<troupe::sequence<int, int>>& live);
};

// refused: admit returns the state
struct step_of_another_state {
  struct state {};
  state admit(int x);
  void step(std::span<troupe::sequence<int, int>> live);
};

// refused: a model must not be final
struct sealed final {
  int predict(int x);
};
