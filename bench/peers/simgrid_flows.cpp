// The named flow scenarios of Lightloom in SimGrid, through its public S4U interface: what is raced by bench/peers/simgrid.sh.
//
//   simgrid_flows SCENARIO [CSV]      prints: scenario, flows, seconds of the run without loading, peak memory in MB, last completion
//
// The scenarios are those that src/Lightloom.Simulation/Scenarios/FlowScenario.cs defines. One actor starts all flows and waits for them; a
// ring waits for each step as a whole, which is the least that SimGrid can be asked to do for it.
#include <simgrid/s4u.hpp>
#include <simgrid/version.h>
#include <sys/resource.h>
#include <unistd.h>

#include <chrono>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <string>
#include <utility>
#include <vector>

namespace sg4 = simgrid::s4u;

struct Flow {
  sg4::Host* from;
  sg4::Host* to;
  int source, destination;
  double bytes;
};

static uint64_t x = 1;
static uint64_t next_random() { return x = x * 6364136223846793005ULL + 1442695040888963407ULL; }
static double uniform() { return static_cast<double>(next_random() >> 11) / 9007199254740992.0; }

static std::string tree(int hosts, bool thin)
{
  if (hosts > 4096)
    return "3;32,32," + std::to_string(hosts / 1024) + ";1,32,32;1,1,1";
  int bits = 0;
  while ((1 << bits) < hosts)
    bits++;
  const int first = 1 << ((bits + 1) / 2);
  return "2;" + std::to_string(first) + "," + std::to_string(hosts / first) + ";1," + std::to_string(thin ? first / 4 : first) + ";1,1";
}

// A platform of a root with one zone in it, or nothing.
static void load(const std::string& zone)
{
  const std::string file = "simgrid_flows." + std::to_string(getpid()) + ".xml";
  std::ofstream(file) << "<?xml version='1.0'?>\n<!DOCTYPE platform SYSTEM \"https://simgrid.org/simgrid.dtd\">\n<platform version=\"4.1\">\n"
                      << "<zone id=\"AS0\" routing=\"Full\">\n" << zone << "</zone>\n</platform>\n";
  sg4::Engine::get_instance()->load_platform(file);
  std::remove(file.c_str());
}

static void load_tree(int hosts, bool thin)
{
  // In a zone of its own inside the root: SimGrid 4.1 can't load it otherwise.
  load("<cluster id=\"tree\" prefix=\"h\" suffix=\"\" radical=\"0-" + std::to_string(hosts - 1) + "\" speed=\"1Gf\" bw=\"50GBps\" lat=\"0s\" sharing_policy=\"SPLITDUPLEX\" topology=\"FAT_TREE\" topo_parameters=\"" + tree(hosts, thin) + "\"/>\n");
}

static std::vector<sg4::Host*> hosts_of(int hosts)
{
  std::vector<sg4::Host*> list;
  for (int i = 0; i < hosts; i++)
    list.push_back(sg4::Host::by_name("h" + std::to_string(i)));
  return list;
}

static std::vector<Flow> random_links(int flows)
{
  const int count = flows / 2;
#if SIMGRID_VERSION >= 40100
  // 4.1 makes its models with the root alone.
  load("");
  auto* zone = sg4::Engine::get_instance()->get_netzone_root()->add_netzone_star("lmm");
#else
  auto* zone = sg4::create_star_zone("lmm");
#endif
  std::vector<sg4::Link*> links;
  for (int l = 0; l < count; l++)
    links.push_back(zone->create_link("l" + std::to_string(l), 1e9 * (1 + 99 * uniform()))->set_latency(0)->seal());
  std::vector<Flow> list;
  for (int f = 0; f < flows; f++) {
    const double bytes = std::floor(1e9 * (0.5 + uniform()));
    std::vector<sg4::LinkInRoute> path;
    std::vector<int> used;
    while (used.size() < 4) {
      const int l = static_cast<int>(uniform() * count);
      bool again = false;
      for (int u : used)
        again = again || u == l;
      if (again)
        continue;
      used.push_back(l);
      path.emplace_back(links[l]);
    }
    auto* from = zone->create_host("h" + std::to_string(2 * f), 1e9)->seal();
    auto* to = zone->create_host("h" + std::to_string(2 * f + 1), 1e9)->seal();
    zone->add_route(from->get_netpoint(), nullptr, nullptr, nullptr, path, true);
    zone->add_route(to->get_netpoint(), nullptr, nullptr, nullptr, std::vector<sg4::LinkInRoute>{}, true);
    list.push_back({from, to, 2 * f, 2 * f + 1, bytes});
  }
  zone->seal();
  return list;
}

int main(int argc, char** argv)
{
  if (argc < 2) {
    std::fprintf(stderr, "usage: simgrid_flows SCENARIO [CSV]\n");
    return 2;
  }
  const std::string name = argv[1];
  const std::string csv = argc > 2 ? argv[2] : "";
  std::vector<std::string> options = {"simgrid_flows", "--cfg=network/model:CM02", "--cfg=network/crosstraffic:0", "--cfg=network/TCP-gamma:0", "--cfg=network/bandwidth-factor:1",
                                      "--cfg=network/latency-factor:1", "--cfg=network/weight-S:0", "--log=root.thres:error"};
  std::vector<char*> arguments;
  for (auto& o : options)
    arguments.push_back(o.data());
  int count = static_cast<int>(arguments.size());
  sg4::Engine engine(&count, arguments.data());

  std::string kind = name.rfind("a2a", 0) == 0 ? "a2a" : name.substr(0, name.find_first_of("0123456789"));
  const int size = std::atoi(name.c_str() + kind.size());
  const bool thin = name.back() == 'o';
  std::vector<Flow> flows;
  int steps = 1;
  if (kind == "lmm") {
    flows = random_links(size);
  } else {
    load_tree(size, thin);
    const auto hosts = hosts_of(size);
    auto add = [&](int i, int j, double bytes) { flows.push_back({hosts[i], hosts[j], i, j, bytes}); };
    if (kind == "perm") {
      std::vector<int> p(size);
      for (int i = 0; i < size; i++)
        p[i] = i;
      for (int i = size - 1; i > 0; i--)
        std::swap(p[i], p[(next_random() >> 33) % (i + 1)]);
      for (int i = 0; i < size; i++)
        if (p[i] != i)
          add(i, p[i], 1e9);
    } else if (kind == "shift") {
      const auto text = tree(size, false);
      const int first = std::atoi(text.c_str() + 2);
      for (int i = 0; i < size; i++)
        add(i, (i + first + 1) % size, 1e9);
    } else if (kind == "a2a") {
      for (int i = 0; i < size; i++)
        for (int j = 0; j < size; j++)
          if (i != j)
            add(i, j, 1e6);
    } else if (kind == "ring") {
      steps = 2 * (size - 1);
      for (int i = 0; i < size; i++)
        add(i, (i + 1) % size, std::floor(1e9 / size));
    } else {
      std::fprintf(stderr, "there is no scenario '%s'\n", name.c_str());
      return 2;
    }
  }

  std::vector<double> finish(flows.size());
  sg4::Actor::create("driver", flows[0].from, [&] {
    for (int s = 0; s < steps; s++) {
      std::vector<sg4::CommPtr> comms;
      comms.reserve(flows.size());
      for (const auto& f : flows)
        comms.push_back(sg4::Comm::sendto_async(f.from, f.to, static_cast<uint64_t>(f.bytes)));
      for (size_t i = 0; i < comms.size(); i++) {
        comms[i]->wait();
        finish[i] = comms[i]->get_finish_time();
      }
    }
  });
  const auto begin = std::chrono::steady_clock::now();
  engine.run();
  const double took = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  std::printf("%s %zu %.6f %.0f %.12g\n", name.c_str(), flows.size() * steps, took, usage.ru_maxrss / 1024.0, sg4::Engine::get_clock());
  if (!csv.empty()) {
    std::ofstream out(csv);
    out.precision(15);
    out << "src,dst,bytes,finish_s\n";
    for (size_t i = 0; i < flows.size(); i++)
      out << flows[i].source << ',' << flows[i].destination << ',' << flows[i].bytes << ',' << finish[i] << '\n';
  }
  return 0;
}
