#pragma once

/// Sees whether a class has a member of a hook's name, whatever it is. Used by
/// hook_checks.hpp.
namespace troupe::hooks {

/// A member of each hook's name.
struct all_names {
  int setup;
  int warmup;
  int authorize;
  int decode_request;
  int predict;
  int admit;
  int step;
  int batch;
  int unbatch;
  int batch_key;
  int encode_response;
  int health;
  int capacity;
  int pure;
};

/// A name that `M` has, too, is ambiguous in here: also one that is private,
/// overloaded or a template, which cannot be asked for in another way.
template <class M>
struct named : M, all_names {};

// A type of that name is the user's own affair.

template <class M>
concept names_setup = !requires {
  &named<M>::setup;
}
&&!requires {
  typename M::setup;
};

template <class M>
concept names_warmup = !requires {
  &named<M>::warmup;
}
&&!requires {
  typename M::warmup;
};

template <class M>
concept names_authorize = !requires {
  &named<M>::authorize;
}
&&!requires {
  typename M::authorize;
};

template <class M>
concept names_decode = !requires {
  &named<M>::decode_request;
}
&&!requires {
  typename M::decode_request;
};

template <class M>
concept names_predict = !requires {
  &named<M>::predict;
}
&&!requires {
  typename M::predict;
};

template <class M>
concept names_admit = !requires {
  &named<M>::admit;
}
&&!requires {
  typename M::admit;
};

template <class M>
concept names_step = !requires {
  &named<M>::step;
}
&&!requires {
  typename M::step;
};

template <class M>
concept names_batch = !requires {
  &named<M>::batch;
}
&&!requires {
  typename M::batch;
};

template <class M>
concept names_unbatch = !requires {
  &named<M>::unbatch;
}
&&!requires {
  typename M::unbatch;
};

template <class M>
concept names_batch_key = !requires {
  &named<M>::batch_key;
}
&&!requires {
  typename M::batch_key;
};

template <class M>
concept names_encode = !requires {
  &named<M>::encode_response;
}
&&!requires {
  typename M::encode_response;
};

template <class M>
concept names_health = !requires {
  &named<M>::health;
}
&&!requires {
  typename M::health;
};

template <class M>
concept names_capacity = !requires {
  &named<M>::capacity;
}
&&!requires {
  typename M::capacity;
};

template <class M>
concept names_pure = !requires {
  &named<M>::pure;
}
&&!requires {
  typename M::pure;
};

} // namespace troupe::hooks
