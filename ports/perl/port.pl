#!/usr/bin/perl
# A client of the checker for Perl, with a solver to put yours in the place of:
#     python -m lbfgsb77 reference check --command "perl port.pl"
use strict;
use warnings;
use JSON::PP;
use List::Util qw(max);

$| = 1;

# The 17 digits that tell every double.
sub shown { return '[' . join(',', map { sprintf '%.17g', $_ } @_) . ']' }

sub evaluate {
    my @x = @_;
    print '{"evaluate":', shown(@x), "}\n";
    my $answer = decode_json(<STDIN> // exit 1);
    return 0 + $answer->{f}, map { 0 + $_ } @{ $answer->{g} };
}

# Projected gradient steps, halved until f decreases enough: not L-BFGS-B, only a solver that ends.
sub minimize {
    my $start = shift;
    my ($l, $u) = @$start{qw(l u)};
    my $clip = sub {
        my ($value, $i) = @_;    # equal zeros stay as they are, whatever their signs
        return $l->[$i] if defined $l->[$i] && $value < $l->[$i];
        return $u->[$i] if defined $u->[$i] && $value > $u->[$i];
        return $value;
    };
    my @x = map { $clip->($start->{x0}[$_], $_) } 0 .. $start->{n} - 1;
    my ($f, @g) = evaluate(@x);
    for my $nit (1 .. $start->{maxiter}) {
        my $norm = max(map { abs($clip->($x[$_] - $g[$_], $_) - $x[$_]) } 0 .. $#x);
        return ('CONVERGENCE: PROJECTED GRADIENT', $f, @x) if $norm <= $start->{pgtol};
        my ($before, $step, $accepted) = ($f, 1, 0);
        for (1 .. $start->{maxls}) {
            my @y = map { $clip->($x[$_] - $step * $g[$_], $_) } 0 .. $#x;
            my $slope = 0;
            $slope += $g[$_] * ($y[$_] - $x[$_]) for 0 .. $#x;
            my ($fy, @gy) = evaluate(@y);
            if ($fy <= $f + 1e-4 * $slope) {
                @x = @y;
                ($f, @g) = ($fy, @gy);
                $accepted = 1;
                last;
            }
            $step /= 2;
        }
        return ('ABNORMAL: NO STEP LOWERS F', $f, @x) unless $accepted;
        print qq({"iteration":$nit}\n);
        my $scale = max(abs $before, abs $f, 1);
        return ('CONVERGENCE: RELATIVE REDUCTION OF F', $f, @x)
            if $before - $f <= $start->{factr} * 2**-52 * $scale;
    }
    return ('ITERATION LIMIT', $f, @x);
}

printf qq({"hello":"projected gradient, Perl","version":"%vd"}\n), $^V;
while (my $line = <STDIN>) {
    my ($end, $f, @x) = minimize(decode_json($line));
    printf qq({"end":"%s","f":%.17g,"x":%s}\n), $end, $f, shown(@x);
}
