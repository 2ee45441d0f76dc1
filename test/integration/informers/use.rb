# Ordinary use of Ruby's kubeclient: use.rb <kubeconfig>. Prints `ok` or `FAIL` for each step.
require 'kubeclient'
require 'timeout'

CONTEXT = Kubeclient::Config.read(ARGV[0]).context
NAMESPACE = 'ruby-client'.freeze
Resource = Kubeclient::Resource
$failed = false

def client(path, version = 'v1')
  Kubeclient::Client.new(
    CONTEXT.api_endpoint + path, version,
    ssl_options: CONTEXT.ssl_options, auth_options: CONTEXT.auth_options
  )
end

def step(name)
  Timeout.timeout(30) { yield }
  puts "ok #{name}"
rescue StandardError => e
  $failed = true
  puts "FAIL #{name} #{e.class} #{e.message.tr("\n", ' ')}"
end

def expect(found, wanted)
  raise "found #{found.inspect}, wanted #{wanted.inspect}" unless found == wanted
end

def map(name, fields = {})
  Resource.new({ metadata: { name: name, namespace: NAMESPACE } }.merge(fields))
end

core = client('/api')
workloads = client('/apis/workload.threeport.io', 'v1alpha1')
leases = client('/apis/coordination.k8s.io')

step('discovery') do
  [core, workloads, leases].each(&:discover)
  raise 'no valid API' unless core.api_valid?
end
step('namespace') { core.create_namespace(Resource.new(metadata: { name: NAMESPACE })) }
step('crud and patches') do
  core.create_config_map(map('a', data: { k: 'v' }))
  read = core.get_config_map('a', NAMESPACE)
  read.data.z = '1'
  core.update_config_map(read)
  core.patch_config_map('a', { data: { p: 'q' } }, NAMESPACE)
  core.merge_patch_config_map('a', { data: { p: nil } }, NAMESPACE)
  core.json_patch_config_map('a', [{ op: 'add', path: '/data/j', value: '1' }], NAMESPACE)
  expect(core.get_config_map('a', NAMESPACE).data.to_h, { k: 'v', z: '1', j: '1' })
end
step('not found') do
  begin
    core.get_config_map('none', NAMESPACE)
    raise 'found'
  rescue Kubeclient::ResourceNotFoundError => e
    expect(e.message, 'configmaps "none" not found')
  end
end
step('pages') do
  5.times { |i| core.create_config_map(map("p#{i}")) }
  names = []
  token = nil
  loop do
    page = core.get_config_maps(namespace: NAMESPACE, limit: 2, continue: token)
    names.concat(page.map { |one| one.metadata.name })
    token = page.continue
    break if page.last?
  end
  expect(names, %w[a p0 p1 p2 p3 p4])
end
# It watches by the path, not by the query.
step('watch') do
  version = core.get_config_maps(namespace: NAMESPACE).resourceVersion
  core.create_config_map(map('w'))
  core.patch_config_map('w', { data: { a: 'b' } }, NAMESPACE)
  core.delete_config_map('w', NAMESPACE)
  seen = []
  watcher = core.watch_config_maps(namespace: NAMESPACE, resource_version: version)
  watcher.each do |event|
    seen << event.type
    watcher.finish if seen.size == 3
  end
  expect(seen, %w[ADDED MODIFIED DELETED])
end
step('watch of one object') do
  watcher = core.watch_config_maps(namespace: NAMESPACE, name: 'a')
  watcher.each do |event|
    expect([event.type, event.object.metadata.name], %w[ADDED a])
    watcher.finish
  end
end
step('other groups') do
  workloads.create_workload(map('w', spec: { yaml: '# nothing' }))
  expect(workloads.get_workloads(namespace: NAMESPACE).size, 1)
  expect(leases.create_lease(map('l', spec: { holderIdentity: 'a' })).spec.holderIdentity, 'a')
end
step('the namespace goes') do
  options = Resource.new(kind: 'DeleteOptions', apiVersion: 'v1', propagationPolicy: 'Foreground')
  core.delete_config_map('a', NAMESPACE, delete_options: options)
  core.delete_namespace(NAMESPACE)
end
exit($failed ? 1 : 0)
